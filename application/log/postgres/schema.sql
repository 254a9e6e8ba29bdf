-- What this version makes in a PostgreSQL database, as its owner; the program's role may only add to the log and read.
-- schema.py compares what is there with this text: a trigger stands here as the server spells it.

CREATE TABLE IF NOT EXISTS stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);

CREATE TABLE IF NOT EXISTS merkle_leaves (
    originator_id uuid NOT NULL,
    position bigint NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (originator_id, position)
);

CREATE TABLE IF NOT EXISTS checkpoints (
    originator_id uuid NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    taken_at text NOT NULL,
    PRIMARY KEY (originator_id, size)
);

CREATE TABLE IF NOT EXISTS log_alarms (
    originator_id uuid NOT NULL,
    position bigint NOT NULL,
    message text NOT NULL,
    found_at text NOT NULL,
    PRIMARY KEY (originator_id, position)
);

CREATE TABLE IF NOT EXISTS log_keys (originator_id uuid NOT NULL, vkey text NOT NULL, PRIMARY KEY (originator_id, vkey));

CREATE TABLE IF NOT EXISTS person_keys (account_id text PRIMARY KEY, key bytea NOT NULL);

CREATE TABLE IF NOT EXISTS erased_names (trace bytea PRIMARY KEY);

CREATE TABLE IF NOT EXISTS view_snapshots (
    originator_id uuid NOT NULL,
    position bigint NOT NULL,
    fold_version bytea NOT NULL,
    leaf bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (originator_id, position)
);

CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL);

-- The leaf of an event, the same bytes as application/proof/verify_export.py makes. Bound when it is made: no search_path
-- can put other functions in the place of these.
CREATE OR REPLACE FUNCTION seatledger_leaf(originator uuid, at bigint, topic text, state bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('\x0000000020'::bytea || convert_to(replace(originator::text, '-', ''), 'UTF8')
    || int4send(8) || int8send(at)
    || int4send(octet_length(convert_to(topic, 'UTF8'))) || convert_to(topic, 'UTF8')
    || int4send(octet_length(state)) || state);

-- Leaf n is written in the transaction of event n, with the owner's right: the program's role cannot write one. A gap,
-- and an event in the place of one that was removed, are refused here, whoever inserts.
CREATE OR REPLACE FUNCTION seatledger_write_leaf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.originator_version > 1 AND NOT EXISTS (
        SELECT FROM public.merkle_leaves AS leaf
        WHERE leaf.originator_id = NEW.originator_id AND leaf.position = NEW.originator_version - 1
    ) THEN
        RAISE EXCEPTION 'event % does not follow the history', NEW.originator_version USING ERRCODE = 'SL001';
    END IF;
    INSERT INTO public.merkle_leaves VALUES (NEW.originator_id, NEW.originator_version,
        public.seatledger_leaf(NEW.originator_id, NEW.originator_version, NEW.topic, NEW.state)) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % was removed from the history', NEW.originator_version USING ERRCODE = 'SL002';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION seatledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only' USING ERRCODE = 'SL003';
END $$;
