-- The same as sqlite.sql, in the types that one uses here.
CREATE TABLE people (
  id INTEGER PRIMARY KEY, kind TEXT, first_name TEXT, last_name TEXT, email TEXT, more_emails TEXT, phone TEXT,
  born DATE, lang CHAR(2), works_at VARCHAR(80), street TEXT, town TEXT, zip TEXT, county TEXT, land TEXT, card TEXT, erp_number TEXT,
  deleted_at TIMESTAMP, touched TIMESTAMP
);
INSERT INTO people VALUES
  (1, 'person', 'Ada', 'Lovelace', ' Ada@Example.com', 'ada.l@example.org; countess@example.net', '+44 7700 900101', '1815-12-10', 'E', 'Analytical Engines',
   'St James''s Square 12', 'London', 'SW1Y 4JH', 'Greater London', 'GB', 'LC-4711', 'C-10001', NULL, '2025-03-01 10:00:00'),
  (2, 'person', 'Grace', 'Hopper', '', NULL, NULL, NULL, 'EO', NULL, NULL, 'Arlington', NULL, NULL, NULL, NULL, NULL, NULL, '2025-03-02 10:00:00'),
  (3, 'person', 'Alan', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'company', NULL, 'Analytical Engines', 'office@example.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-03-02 11:00:00'),
  (5, 'person', 'Charles', 'Babbage', 'charles@example.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-04-01 00:00:00', '2025-04-01 00:00:00'),
  (10, 'person', 'Kim', 'Ångström', 'kim@example.com', NULL, '07700 900102', '1990-02-28', 'D', NULL, NULL, NULL, NULL, NULL, NULL, 'lc-4712', NULL, NULL, '2025-03-02 10:00:00');
CREATE TABLE aliases (alias TEXT, person INTEGER);
INSERT INTO aliases VALUES ('Ada.L@Example.org', 1);

CREATE TABLE opportunities (id TEXT PRIMARY KEY, person INTEGER, code TEXT, headline TEXT, phase TEXT, worth NUMERIC, began TIMESTAMPTZ);
INSERT INTO opportunities VALUES
  ('D-1', 1, 'OPP-1', 'Difference engine', 'done', '17000.00', '2024-01-05T08:00:00+02:00'),
  ('D-2', 1, 'OPP-2', 'Analytical engine', 'dreaming', NULL, '2025-01-05T08:00:00Z'),
  ('D-3', 10, 'OPP-3', 'Spectrometer', 'warm', '0.10', '2025-02-05T08:00:00.5Z');

CREATE TABLE bills (id BIGINT PRIMARY KEY, person INTEGER, bill_no TEXT, settled BOOLEAN, billed_on DATE, cents INTEGER, due_cents BIGINT, cur CHAR(3));
INSERT INTO bills VALUES
  (7, 1, 'RE-7', true, '20250110', 24900, 0, 'EUR'),
  (8, 1, 'RE-8', false, '20250210', 1005, 1005, 'EUR'),
  (11, 1, NULL, NULL, '20250310', 5, 5, 'GBP'),
  (9, 2, 'RE-9', false, '20250210', -300, -300, 'USD');

CREATE TABLE receipts (id INTEGER PRIMARY KEY, person INTEGER, bill BIGINT, received DATE, sum NUMERIC(12, 2), cur TEXT, way TEXT);
INSERT INTO receipts VALUES
  (1, 1, 7, '2025-01-20', '200.00', 'EUR', 'transfer'),
  (2, 1, 7, '2025-01-19', '49.00', 'EUR', 'card');

CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, order_no TEXT, state TEXT, placed TIMESTAMPTZ, total NUMERIC(12, 2), cur TEXT, test INTEGER);
INSERT INTO orders VALUES
  (9, 1, 'O-9', 'sent', to_timestamp(1746093600), '59.80', 'EUR', 0),
  (100, 1, 'O-100', 'open', to_timestamp(1740825000), '24.90', 'EUR', 0),
  (101, 1, NULL, NULL, NULL, NULL, NULL, 0),
  (102, 1, 'O-102', 'open', to_timestamp(1740825000), '1.00', 'GBP', 0),
  (103, 1, 'O-103', 'open', to_timestamp(1740825000), '1.00', 'GBP', 1),
  (104, 10, 'O-104', 'sent', to_timestamp(1740825000), '12.00', 'EUR', 0),
  (105, 2, 'O-105', 'open', to_timestamp(1740825000), '3.00', 'EUR', 0);
CREATE TABLE order_lines (line INTEGER PRIMARY KEY, order_id INTEGER, article TEXT, title TEXT, qty NUMERIC, price NUMERIC(12, 2), cur TEXT);
INSERT INTO order_lines VALUES
  (12, 9, 'PC-01', 'Punch card', '2', '29.90', 'EUR'),
  (11, 9, NULL, 'Postage', NULL, NULL, NULL),
  (13, 100, 'PC-02', 'Punch card, large', '1.500', '16.60', 'EUR'),
  (14, 102, 'PC-03', 'Ribbon', '1', '1.00', 'GBP'),
  (15, 104, 'PC-04', 'Prism', '1', '12.00', 'EUR');

CREATE TYPE mood AS ENUM ('NEW', 'OPEN', 'RESOLVED');
CREATE TABLE conversations (id INTEGER PRIMARY KEY, person INTEGER, ticket_no TEXT, about TEXT, mood mood, urgency SMALLINT, asked DATE, answered TIMESTAMP);
INSERT INTO conversations VALUES
  (1, 1, 'HD-1', 'The engine does not start', 'RESOLVED', 1, '2024-12-31', '2025-01-02 09:00'),
  (2, 1, 'HD-2', 'A question of style', 'NEW', 3, '2025-06-01', NULL),
  (3, 10, 'HD-3', 'Please delete my data', 'OPEN', NULL, '2025-06-02', NULL);

CREATE TABLE letters (id INTEGER PRIMARY KEY, conversation INTEGER, side TEXT, sent TIMESTAMP, body TEXT);
INSERT INTO letters VALUES
  (1, 1, 'them', '2024-12-31 00:00', 'It does not start, whatever I punch.'),
  (2, 1, 'note', '2025-01-01 08:00', 'She always says so.'),
  (3, 1, 'us', '2025-01-02 08:30', 'Please turn the crank.'),
  (4, 1, 'robot', '2025-01-02 09:00', NULL),
  (10, 1, 'them', NULL, 'Thank you!'),
  (11, 3, 'them', '2025-06-02 00:00', 'All of it, please.'),
  (12, 5000, 'them', '2025-06-02 00:00', 'A letter without a conversation.');

CREATE TABLE permissions (person INTEGER, topic TEXT, answer TEXT, said TIMESTAMP, form TEXT);
INSERT INTO permissions VALUES
  (1, 'news', 'yes', '2025-01-01 12:00:00', 'newsletter-form@2024'),
  (1, 'news', 'stop', '2025-02-01 12:00:00', NULL),
  (1, 'raffle', 'yes', '2025-02-01 12:00:00', 'raffle@1'),
  (10, 'profile', 'perhaps', '2025-02-03 12:00:00', 'account-form@2024'),
  (4, 'news', 'yes', '2025-02-03 12:00:00', 'newsletter-form@2024');
