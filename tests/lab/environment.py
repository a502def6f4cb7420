"""The OVF environment, in the shape vCenter gives it, and the disc that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from tests.lab.call import call

LABEL = "OVF ENV"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Environment
     xmlns="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:ve="http://www.vmware.com/schema/ovfenv"
     oe:id=""
     ve:vCenterId="vm-1024">
   <PlatformSection>
      <Kind>VMware ESXi</Kind>
      <Version>7.0.3</Version>
      <Vendor>VMware, Inc.</Vendor>
      <Locale>en</Locale>
   </PlatformSection>
   <PropertySection>
"""
_TAIL = """   </PropertySection>
   <ve:EthernetAdapterSection>
      <ve:Adapter ve:mac={mac} ve:network="VM Network" ve:unitNumber="7"/>
   </ve:EthernetAdapterSection>
</Environment>
"""


def environment(properties: Mapping[str, str], *, mac: str) -> str:
    """The XML with these properties, escaped as vCenter escapes them."""
    rows = (
        f"         <Property oe:key={_attribute(key)} oe:value={_attribute(value)}/>\n"
        for key, value in properties.items()
    )
    return _HEAD + "".join(rows) + _TAIL.format(mac=quoteattr(mac))


def disc(folder: Path, xml: str, *, name: str = "environment") -> Path:
    """An ISO 9660 image with `ovf-env.xml` at its root."""
    source = folder / f"{name}.d"
    source.mkdir(exist_ok=True)
    (source / "ovf-env.xml").write_text(xml)
    image = folder / f"{name}.iso"
    image.unlink(missing_ok=True)
    call(
        *("xorriso", "-as", "mkisofs", "-quiet", "-V", LABEL, "-o", str(image)),
        *("-J", "-r", str(source)),
    )
    return image


def _attribute(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
