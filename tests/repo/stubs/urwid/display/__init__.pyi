from urwid.display import raw as raw
