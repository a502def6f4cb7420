build {
  sources = ["source.qemu.appliance"]

  provisioner "file" {
    destination = "/tmp/"
    sources     = [var.files, var.package, var.release]
  }

  provisioner "shell" {
    execute_command = "sudo env {{ .Vars }} sh -eu {{ .Path }}"
    scripts = [
      "${path.root}/image/10-packages.sh",
      "${path.root}/image/20-files.sh",
      "${path.root}/image/30-product.sh",
      "${path.root}/image/40-services.sh",
      "${path.root}/image/50-boot.sh",
      "${path.root}/image/60-written-down.sh",
    ]
  }

  provisioner "file" {
    direction   = "download"
    source      = "/var/tmp/packages.txt"
    destination = var.package_list
  }

  provisioner "shell-local" {
    environment_vars = ["HOST=${build.Host}", "PORT=${build.Port}"]
    command          = join(" ", var.checks)
  }

  provisioner "shell" {
    execute_command = "sudo env {{ .Vars }} sh -eu {{ .Path }}"
    scripts = [
      "${path.root}/image/80-cloud-init.sh",
      "${path.root}/image/90-clean-up.sh",
    ]
  }
}
