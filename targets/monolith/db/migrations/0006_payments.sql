CREATE TABLE payments (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  invoice_id text COLLATE "C" NOT NULL REFERENCES invoices,
  amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
  currency text NOT NULL,
  method text NOT NULL CHECK (method IN ('tok_ok', 'tok_declined', 'tok_insufficient_funds')),
  status text NOT NULL CHECK (status IN ('succeeded', 'failed')),
  failure_reason text CHECK (failure_reason IN ('declined', 'insufficient_funds')),
  refunded_amount bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  CHECK ((status = 'failed') = (failure_reason IS NOT NULL)),
  CHECK (refunded_amount BETWEEN 0 AND CASE status WHEN 'succeeded' THEN amount ELSE 0 END)
);
CREATE INDEX payments_list ON payments (account_id, created_at, id);
CREATE INDEX payments_invoice ON payments (invoice_id);

CREATE TABLE refunds (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  payment_id text COLLATE "C" NOT NULL REFERENCES payments,
  amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
  currency text NOT NULL,
  reason text,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX refunds_list ON refunds (payment_id, created_at, id);
