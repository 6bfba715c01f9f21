#!/bin/sh
# A .deb says "remove" or "upgrade", an .rpm how many versions will be left.
set -e
[ -d /run/systemd/system ] || exit 0
case "$1" in
  remove | 0)
    systemctl stop quickstocksd.service 'quickstocksd@*.service'
    systemctl --no-reload disable quickstocksd.service quickstocksd@.service
    ;;
esac
