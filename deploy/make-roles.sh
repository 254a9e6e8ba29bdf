#!/bin/sh
# Run by PostgreSQL's own image when it makes the database: the owner of the tables, and the role of the servers.
set -eu
secrets=${SECRETS:-/run/secrets}
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner_password="$(cat "$secrets/owner-password")" \
    --set program_password="$(cat "$secrets/program-password")" \
    --set database="$POSTGRES_DB" <<'SQL'
SET password_encryption = 'scram-sha-256';
CREATE ROLE seatledger_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE seatledger LOGIN PASSWORD :'program_password';
ALTER DATABASE :"database" OWNER TO seatledger_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO seatledger;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO seatledger_owner;
SQL
