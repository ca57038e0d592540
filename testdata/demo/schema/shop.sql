-- The shop: numbers for ids, Unix seconds for times, cents for money.
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  is_business INTEGER NOT NULL DEFAULT 0,
  firstname TEXT,
  lastname TEXT,
  email TEXT NOT NULL,
  telephone TEXT,
  loyalty_card TEXT, -- LC48201733
  locale TEXT, -- en-GB
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX customers_updated ON customers (updated_at, id);
CREATE INDEX customers_email ON customers (lower(trim(email)));

CREATE TABLE customer_addresses (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers,
  is_default INTEGER NOT NULL,
  line1 TEXT,
  city TEXT,
  postal_code TEXT,
  province TEXT,
  country_code TEXT
);
CREATE INDEX customer_addresses_customer ON customer_addresses (customer_id);

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  order_no TEXT, -- #100001; carts have none
  customer_id INTEGER NOT NULL REFERENCES customers,
  state TEXT NOT NULL, -- cart, paid, packed, shipped, completed, cancelled, returned
  total_cents INTEGER NOT NULL,
  currency TEXT NOT NULL,
  placed_at INTEGER NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE order_lines (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders,
  sku TEXT NOT NULL,
  title TEXT NOT NULL,
  qty INTEGER NOT NULL,
  unit_cents INTEGER NOT NULL,
  currency TEXT NOT NULL
);
CREATE INDEX order_lines_order ON order_lines (order_id);
