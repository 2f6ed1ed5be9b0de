CREATE TABLE subscriptions (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  plan_id text COLLATE "C" NOT NULL REFERENCES plans,
  quantity numeric(24, 6) NOT NULL CHECK (quantity >= 0),
  status text NOT NULL CHECK (status IN ('active', 'canceling', 'canceled')),
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3),
  canceled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK ((status = 'active') = (ends_at IS NULL)),
  CHECK ((status = 'canceled') = (canceled_at IS NOT NULL))
);
CREATE INDEX subscriptions_list ON subscriptions (account_id, created_at, id);
