# What the driver (packer/build.py) hands over. A vSphere source would add its own group
# (server, datacentre, datastore, network) and share the rest.

# --- what goes in
variable "base_disk" {
  type        = string
  description = "Raw base disk made by packer/base."
}

variable "files" {
  type        = string
  description = "Tar of the files laid down as they are."
}

variable "package" {
  type        = string
  description = "Our Debian package."
}

variable "release" {
  type        = string
  description = "File that becomes /etc/bandstand/release."
}

# --- the way in, thrown away at the end
variable "user" {
  type    = string
  default = "build"
}

variable "private_key" {
  type = string
}

variable "public_key" {
  type = string
}

# --- the build machine
variable "cpus" {
  type    = number
  default = 2
}

variable "memory_mb" {
  type    = number
  default = 2048
}

variable "qemu_arguments" {
  type        = list(list(string))
  description = "Accelerator, CPU model, and the kernel of a base disk that has no boot loader yet."
}

# --- checks and results
variable "checks" {
  type        = list(string)
  description = "The command that checks the running machine; {host} and {port} come as HOST and PORT."
}

variable "output" {
  type        = string
  description = "Folder that the finished disk is written to; it must not exist yet."
}

variable "package_list" {
  type        = string
  description = "Where the list of packages (name, version, architecture) is written."
}
