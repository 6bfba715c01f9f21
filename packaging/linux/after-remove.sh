#!/bin/sh
# Users' own data is theirs and stays; the service's data goes when a .deb is purged.
set -e
if [ "$1" = purge ]; then
  rm -rf /var/lib/private/quickstocks
  rm -rf /var/lib/quickstocks
fi
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
