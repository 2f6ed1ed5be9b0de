CREATE TABLE plans (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  name text NOT NULL,
  description text,
  currency text NOT NULL,
  interval text NOT NULL CHECK (interval IN ('month', 'year')),
  meter text,
  pricing jsonb NOT NULL CHECK (pricing ->> 'model' IN ('flat', 'per_unit', 'graduated')),
  status text NOT NULL CHECK (status IN ('active', 'archived')),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK (meter IS NULL OR pricing ->> 'model' <> 'flat')
);
CREATE INDEX plans_list ON plans (account_id, created_at, id);
