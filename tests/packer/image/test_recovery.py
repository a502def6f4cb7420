"""The entry "Bandstand recovery" of the boot menu, from what GRUB's own script says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.system.run import run
from packer.image.files import FOLDER

pytestmark = pytest.mark.outside

SCRIPT = FOLDER / "etc/grub.d/11_bandstand_recovery"
# The shape of Debian's.
KERNELS = r"""#!/bin/sh
echo "Found linux image: /boot/vmlinuz-6.12.57" >&2
cat << EOF
function gfxmode {
	set gfxpayload="\${1}"
}
menuentry 'Bandstand GNU/Linux' --class os \$menuentry_id_option 'gnulinux-simple-1f3e' {
	load_video
	if [ x\$grub_platform = xxen ]; then insmod xzio; fi
	search --no-floppy --fs-uuid --set=root 1f3e
	linux	/boot/vmlinuz-6.12.57 root=UUID=1f3e ro $GRUB_CMDLINE_LINUX
	initrd	/boot/initrd.img-6.12.57
}
submenu 'Advanced options for Bandstand GNU/Linux' {
	menuentry 'Bandstand GNU/Linux, with Linux 6.12.57' --class os {
		linux	/boot/vmlinuz-6.12.57 root=UUID=1f3e ro $GRUB_CMDLINE_LINUX
	}
}
EOF
"""
ENTRY = """\
menuentry 'Bandstand recovery' --class os $menuentry_id_option 'bandstand-recovery' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; fi
	search --no-floppy --fs-uuid --set=root 1f3e
	linux	/boot/vmlinuz-6.12.57 root=UUID=1f3e ro quiet console=tty0 bandstand.recovery
	initrd	/boot/initrd.img-6.12.57
}
"""


def made(folder: Path, kernels: str) -> str:
    script = str(shutil.copy(SCRIPT, folder))
    kernels_script = folder / "10_linux"
    _ = kernels_script.write_text(kernels)
    kernels_script.chmod(0o755)
    return run(script, environment={"GRUB_CMDLINE_LINUX": "quiet console=tty0"}).stdout


def test_it_is_the_first_entry_with_one_word_more(tmp_path: Path) -> None:
    assert made(tmp_path, KERNELS) == ENTRY


def test_of_several_entries_beside_each_other_the_first_is_taken(tmp_path: Path) -> None:
    flat = KERNELS.replace("submenu 'A", "menuentry 'A")
    assert made(tmp_path, flat) == ENTRY


def test_without_a_kernel_there_is_none(tmp_path: Path) -> None:
    assert made(tmp_path, "#!/bin/sh\n") == ""
