#!/bin/sh
# Starts what lies beside it with a Python of this machine: as `pulumi-resource-certwright` the plugin, as `certwright`
# the command.
folder=$(dirname -- "$(readlink -f -- "$0")")
fits='import sys; v = sys.version_info[:2]; sys.exit(sys.implementation.name != "cpython" or not (3, 11) <= v <= (3, 14))'
for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$python" >/dev/null && "$python" -I -c "$fits" 2>/dev/null; then
        exec "$python" -I "$folder/start.py" "$(basename -- "$0")" "$@"
    fi
done
echo "certwright needs Python 3.11, 3.12, 3.13 or 3.14 on PATH, and finds none. Install one." >&2
exit 1
