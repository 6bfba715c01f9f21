"""The desktop around the window, for tests: a tray host, and a look at what notifications and tray items said.

Speaks JSON lines: {"ask": "notifications"} and so on; one answer a line. The notification service itself is dbusmock's.
"""
import ctypes
import json
import sys
import time

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFY = "org.freedesktop.Notifications"
NOTIFY_PATH = "/org/freedesktop/Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
MOCK = "org.freedesktop.DBus.Mock"

DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()


class TrayHost(dbus.service.Object):
    """The smallest StatusNotifierWatcher that an application takes for a tray."""

    items = []

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, where, sender=None):
        self.items.append((sender, where) if where.startswith("/") else (where, "/StatusNotifierItem"))
        self.StatusNotifierItemRegistered(where)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _host):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, _item):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        shown = dbus.Array([a + b for a, b in self.items], signature="s")
        return {"RegisteredStatusNotifierItems": shown, "IsStatusNotifierHostRegistered": True, "ProtocolVersion": 0}


def plain(value):
    """D-Bus values as JSON takes them."""
    if isinstance(value, (dbus.Array, dbus.Struct, list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (dbus.Dictionary, dict)):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, (dbus.Double, float)):
        return float(value)
    if isinstance(value, int):
        return int(value)
    return str(value)


NOTIFIED_AT = []


def called(name, _arguments):
    """The notification service was called; its own record knows whole seconds only."""
    if name == "Notify":
        NOTIFIED_AT.append(time.time() * 1000)


def notifications():
    """Every notification so far, with the moment (ms since 1970) at which the desktop was told."""
    calls = bus.get_object(NOTIFY, NOTIFY_PATH).GetMethodCalls("Notify", dbus_interface=MOCK)
    names = ["app", "replaces", "icon", "summary", "body", "actions", "hints", "timeout"]
    moments = NOTIFIED_AT + [None] * len(calls)
    return [dict(zip(names, plain(arguments)), at=at) for (_, arguments), at in zip(calls, moments)]


def invoke(number, action):
    emit = bus.get_object(NOTIFY, NOTIFY_PATH)
    emit.EmitSignal(NOTIFY, "ActionInvoked", "us", [dbus.UInt32(number), action], dbus_interface=MOCK)
    return True


def living_items():
    return [(name, path) for name, path in TrayHost.items if bus.name_has_owner(name)]


def tray():
    """The newest living item: what it says of itself, and its menu as a tree of labels."""
    items = living_items()
    if not items:
        return None
    name, path = items[-1]
    said = bus.get_object(name, path).GetAll(ITEM, dbus_interface=dbus.PROPERTIES_IFACE)
    _, root = menu_of(name, said["Menu"]).GetLayout(0, -1, [], dbus_interface=MENU)
    return {"said": {key: plain(value) for key, value in said.items() if not key.endswith("Pixmap")}, "menu": branch(root)}


def branch(node):
    number, said, children = node
    said = plain(said)
    return {"id": int(number), "label": said.get("label", ""), "enabled": said.get("enabled", True), "children": [branch(each) for each in children]}


def click(number):
    name, path = living_items()[-1]
    said = bus.get_object(name, path).GetAll(ITEM, dbus_interface=dbus.PROPERTIES_IFACE)
    menu_of(name, said["Menu"]).Event(number, "clicked", dbus.String("", variant_level=1), dbus.UInt32(0), dbus_interface=MENU)
    return True


def menu_of(name, path):
    return bus.get_object(name, str(path))


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent, padded to the size of an XEvent."""

    _fields_ = [
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


def close(window):
    """What a window manager does when the user clicks on the cross; there is none here."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XInternAtom.restype = ctypes.c_ulong
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x.XOpenDisplay(None)
    atom = lambda name: x.XInternAtom(display, name, 0)
    message = ClientMessage(type=33, window=window, message_type=atom(b"WM_PROTOCOLS"), format=32)
    message.data[0] = atom(b"WM_DELETE_WINDOW")
    x.XSendEvent(display, window, 0, 0, ctypes.byref(message))
    x.XCloseDisplay(display)
    return True


ASKED = {"notifications": notifications, "invoke": invoke, "tray": tray, "click": click, "close": close}


def answer(_channel, _condition):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    asked = json.loads(line)
    try:
        said = {"answer": ASKED[asked["ask"]](*asked.get("with", []))}
    except dbus.DBusException as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
    return True


owned = dbus.service.BusName(WATCHER, bus)
TrayHost(bus, "/StatusNotifierWatcher")
bus.add_signal_receiver(called, "MethodCalled", MOCK)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, answer)
print("desktop is up", flush=True)
loop.run()
