CREATE TABLE invoices (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  subscription_id text COLLATE "C" NOT NULL REFERENCES subscriptions,
  status text NOT NULL CHECK (status IN ('draft', 'finalizing', 'open', 'paid', 'failed', 'void')),
  number bigint CHECK (number BETWEEN 1 AND 9007199254740991),
  currency text NOT NULL,
  tax_rate_basis_points integer NOT NULL CHECK (tax_rate_basis_points BETWEEN 0 AND 10000),
  period_start timestamptz(3) NOT NULL,
  period_end timestamptz(3) NOT NULL,
  memo text,
  subtotal bigint NOT NULL DEFAULT 0 CHECK (subtotal BETWEEN 0 AND 9007199254740991),
  tax bigint NOT NULL DEFAULT 0 CHECK (tax BETWEEN 0 AND 9007199254740991),
  total bigint NOT NULL DEFAULT 0 CHECK (total BETWEEN 0 AND 9007199254740991),
  amount_paid bigint NOT NULL DEFAULT 0 CHECK (amount_paid >= 0),
  failure_reason text CHECK (failure_reason IN ('nothing_to_bill', 'amount_too_large')),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  finalized_at timestamptz(3),
  UNIQUE (account_id, number),
  CHECK (period_start < period_end),
  CHECK (total = subtotal + tax),
  CHECK (amount_paid <= total),
  CHECK (status <> 'paid' OR amount_paid = total),
  CHECK ((status = 'failed') = (failure_reason IS NOT NULL)),
  CHECK ((number IS NULL) = (finalized_at IS NULL)),
  CHECK (number IS NULL OR status IN ('open', 'paid', 'void')),
  CHECK (number IS NOT NULL OR status NOT IN ('open', 'paid'))
);
CREATE INDEX invoices_list ON invoices (account_id, created_at, id);
CREATE INDEX invoices_subscription ON invoices (subscription_id);

CREATE TABLE invoice_lines (
  id text COLLATE "C" PRIMARY KEY,
  invoice_id text COLLATE "C" NOT NULL REFERENCES invoices,
  position integer NOT NULL CHECK (position BETWEEN 1 AND 120),
  kind text NOT NULL CHECK (kind IN ('manual', 'usage', 'recurring')),
  description text NOT NULL,
  -- A sum of usage may have more digits than a single quantity.
  quantity numeric(30, 6) NOT NULL CHECK (quantity >= 0),
  unit_price numeric(24, 6) NOT NULL CHECK (unit_price >= 0),
  amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
  tax_amount bigint NOT NULL CHECK (tax_amount BETWEEN 0 AND 9007199254740991),
  UNIQUE (invoice_id, position)
);

-- The last invoice number given. Its row is locked until the number is committed: no gap, none twice.
CREATE TABLE invoice_counters (
  account_id text COLLATE "C" PRIMARY KEY REFERENCES accounts,
  last_number bigint NOT NULL CHECK (last_number >= 1)
);

-- Which invoice bills the recurring fee of a period: at most one at a time.
CREATE TABLE period_fees (
  subscription_id text COLLATE "C" NOT NULL REFERENCES subscriptions,
  period_start timestamptz(3) NOT NULL,
  invoice_id text COLLATE "C" NOT NULL UNIQUE REFERENCES invoices,
  PRIMARY KEY (subscription_id, period_start)
);

-- Finalizations to be done: a row lives from the 202 to the commit that opens or fails the invoice.
CREATE TABLE finalization_jobs (
  invoice_id text COLLATE "C" PRIMARY KEY REFERENCES invoices,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz(3) NOT NULL
);
CREATE INDEX finalization_jobs_due ON finalization_jobs (due_at);
