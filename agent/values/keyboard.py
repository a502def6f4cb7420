"""Keymaps of the console as text and back."""

from __future__ import annotations

# Those for PCs of the package console-data that its loadkeys can read.
_KEYMAPS = """
azerty be-latin1 be2-latin1 bg bg-cp1251 br-abnt2 br-latin1 by ca-multi cf croat cz-lat2
cz-lat2-prog cz-us-qwerty cz-us-qwertz de de-latin1 de-latin1-nodeadkeys dk dk-latin1
dvorak dvorak-classic dvorak-de dvorak-fr dvorak-fr-bepo dvorak-l
dvorak-lisp dvorak-r dvorak-ru dvorak-uk es es-cp850 et et-nodeadkeys fi fi-latin1 fr
fr-latin0 fr-latin1 fr-latin9 fr-pc fr-x11 fr_CH fr_CH-latin1 gr gr-pc gr-utf8 hebrew hu
hu101 il il-heb il-phonetic is-latin1 is-latin1-us it it-ibm it2 jp106 kg kk la-latin1
lisp-us lt lt.l4 lv-latin4 lv-latin7 mk nl no no-latin1 no-standard pc-dvorak-latin1 pl
pl-qwertz pl1 pt-latin1 pt-old ro ro-academic ru ru-cp1251 ru-ms ru-yawerty ru1
ru2 ru3 ru4 ru_win se-fi-ir209 se-fi-lat6 se-ir209 se-lat6 se-latin1 sg sg-latin1 sk-prog
sk-prog-qwerty sk-prog-qwertz sk-qwerty sk-qwertz slovene sr sr-cy th-tis tr_f-latin5
tr_q-latin5 tralt trf trfu trq trqu ua ua-utf ua-utf-ws ua-ws uaw uaw_uni uk us
us-intl.iso01 us-intl.iso15 us-latin1 wo
"""
# Countries, and the layouts of X, by which people know them.
_KNOWN_AS = """
at=de-latin1 be=be-latin1 br=br-abnt2 ca=cf ch=sg-latin1 cz=cz-lat2 gb=uk hr=croat ie=uk
is=is-latin1 jp=jp106 latam=la-latin1 lv=lv-latin4 pt=pt-latin1 rs=sr se=se-latin1 si=slovene
sk=sk-qwertz tr=trq
"""


def parse_keyboard(text: str) -> str:
    """The keymap's name as its file has it."""
    asked = text.strip().lower().replace(" ", "-")
    for pair in _KNOWN_AS.split():
        country, _, keymap = pair.partition("=")
        if asked == country:
            return keymap
    found = {name.lower(): name for name in keymaps()}.get(asked)
    if found is None:
        raise ValueError("is not a keymap of the console")
    return found


def keymaps() -> tuple[str, ...]:
    """Every keymap that can be chosen."""
    return tuple(_KEYMAPS.split())
