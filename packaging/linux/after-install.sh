#!/bin/sh
# For .deb and .rpm alike. Starts nothing; what ran before an upgrade runs the new version.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl try-restart quickstocksd.service 'quickstocksd@*.service'
