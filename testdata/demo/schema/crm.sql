-- The CRM: contacts with texts for everything, UUIDs, decimals as text.
CREATE TABLE contacts (
  contact_id TEXT PRIMARY KEY,
  record_type TEXT NOT NULL, -- person, company
  salutation TEXT,
  first_name TEXT,
  last_name TEXT,
  email_address TEXT,
  email_secondary TEXT,
  mobile TEXT,
  birthday TEXT, -- YYYY-MM-DD
  preferred_language TEXT, -- de_DE
  account_name TEXT, -- the employer
  mailing_street TEXT,
  mailing_city TEXT,
  mailing_zip TEXT,
  mailing_state TEXT,
  mailing_country TEXT, -- DE
  loyalty_card TEXT, -- as told on the phone
  erp_customer_no TEXT, -- typed in by hand
  created_on TEXT NOT NULL, -- RFC 3339
  modified_on TEXT NOT NULL,
  is_deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX contacts_modified ON contacts (modified_on, contact_id);
CREATE INDEX contacts_email ON contacts (lower(trim(email_address)));
CREATE INDEX contacts_email2 ON contacts (lower(trim(email_secondary)));

CREATE TABLE opportunities (
  opportunity_no TEXT PRIMARY KEY, -- OPP-00042
  contact_id TEXT NOT NULL REFERENCES contacts,
  title TEXT NOT NULL,
  stage_name TEXT NOT NULL, -- Prospecting, Qualification, Proposal, Closed Won, Closed Lost, Withdrawn
  amount TEXT, -- 1200.00
  currency_iso TEXT NOT NULL,
  created_on TEXT NOT NULL
);
CREATE INDEX opportunities_contact ON opportunities (contact_id);

-- Every answer that somebody gave, by whatever form.
CREATE TABLE permission_log (
  entry INTEGER PRIMARY KEY,
  contact_id TEXT NOT NULL REFERENCES contacts,
  topic TEXT NOT NULL, -- newsletter, profiling, support_sharing, phone_survey
  answer TEXT NOT NULL, -- yes, no, withdrawn, asked
  answered_at TEXT NOT NULL,
  form TEXT -- newsletter-form@2024; empty where nobody noted it
);
CREATE INDEX permission_log_contact ON permission_log (contact_id);
CREATE INDEX permission_log_at ON permission_log (answered_at, contact_id);
