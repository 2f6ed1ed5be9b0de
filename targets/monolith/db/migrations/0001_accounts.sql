-- Ids compare by code unit wherever this runs ("C"), because lists break ties by id.
CREATE TABLE accounts (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  currency text NOT NULL,
  tax_rate_basis_points integer NOT NULL CHECK (tax_rate_basis_points BETWEEN 0 AND 10000),
  billing_address jsonb,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE TABLE members (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  email text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'member')),
  scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 14),
  key_hash bytea NOT NULL UNIQUE,
  created_at timestamptz(3) NOT NULL
);
-- lower() under "C" folds ASCII letters only, which is what "already a member" means.
CREATE UNIQUE INDEX members_email ON members (account_id, lower(email COLLATE "C"));
CREATE INDEX members_list ON members (account_id, created_at, id);

-- Secrets of this deployment that must outlive a process (the key that signs cursors).
CREATE TABLE deployment_secrets (
  name text PRIMARY KEY,
  value bytea NOT NULL
);

-- Answers kept for a repeated Idempotency-Key. Only finished ones are rows: one still running is an advisory lock.
CREATE TABLE idempotency_keys (
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  operation text NOT NULL,
  key text COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  status smallint NOT NULL CHECK (status BETWEEN 200 AND 299),
  headers jsonb NOT NULL,
  body text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
