#!/bin/sh
# Make the passwords of the database's roles, as root, in the directory `secrets` beside this file. None is ever replaced.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for role in postgres owner program; do
    [ -e "secrets/$role-password" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' > "secrets/$role-password"
    chmod 0444 "secrets/$role-password"
done
chmod 0700 secrets
echo "db:5432:seatledger:seatledger_owner:$(cat secrets/owner-password)" > secrets/owner.pgpass
echo "db:5432:seatledger:seatledger:$(cat secrets/program-password)" > secrets/program.pgpass
# libpq reads such a file only if it is its owner's alone: the user of the image.
chmod 0600 secrets/owner.pgpass secrets/program.pgpass
chown 10001:10001 secrets/owner.pgpass secrets/program.pgpass
