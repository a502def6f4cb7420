source "qemu" "appliance" {
  iso_url          = var.base_disk
  iso_checksum     = "none"
  disk_image       = true
  skip_resize_disk = true
  format           = "raw"
  disk_interface   = "virtio"
  disk_cache       = "unsafe"
  disk_discard     = "unmap"
  net_device       = "virtio-net"
  headless         = true
  accelerator      = "none" # the driver tries KVM with a real guest and says which in qemu_arguments
  qemuargs         = var.qemu_arguments
  cpus             = var.cpus
  memory           = var.memory_mb

  output_directory = var.output
  vm_name          = "appliance.raw"

  # NoCloud: cloud-init finds this disc by its label and lets the build in.
  cd_label = "cidata"
  cd_content = {
    "meta-data" = "instance-id: build\n"
    "user-data" = templatefile("${path.root}/image/user-data.pkrtpl", {
      user       = var.user
      public_key = var.public_key
    })
  }

  boot_wait            = "1s"
  ssh_username         = var.user
  ssh_private_key_file = var.private_key
  ssh_timeout          = "10m"
  shutdown_command     = "sudo sh -c 'userdel -f -r ${var.user}; rm -f /etc/sudoers.d/90-cloud-init-users; systemctl poweroff'"
  shutdown_timeout     = "5m"
}
