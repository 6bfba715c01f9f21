#!/bin/sh
# Users' own data is theirs and stays; the service's data goes when a .deb is purged.
set -e
if [ "$1" = purge ]; then
  rm -rf /var/lib/private/quickstocks
  rm -rf /var/lib/quickstocks
fi
# An .rpm made by Tauri owns files only: its last version takes its own empty folders away here.
if [ "$1" = 0 ]; then
  own=/usr/share/quickstocks
  rmdir "$own/ui/assets" "$own/ui" "$own" /usr/share/doc/quickstocks 2>/dev/null || true
fi
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
