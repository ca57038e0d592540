-- The helpdesk: whoever writes becomes a requester, with one field for the name.
CREATE TABLE requesters (
  id TEXT PRIMARY KEY, -- req_8f3k2m9x0a
  kind TEXT NOT NULL, -- end_user, organization
  full_name TEXT,
  email TEXT,
  phone TEXT,
  lang TEXT,
  shop_customer INTEGER, -- known where the ticket came through the shop's form
  updated TEXT NOT NULL -- RFC 3339
);
CREATE INDEX requesters_updated ON requesters (updated, id);
CREATE INDEX requesters_email ON requesters (lower(trim(email)));

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  requester TEXT NOT NULL REFERENCES requesters,
  subject TEXT NOT NULL,
  status TEXT NOT NULL, -- new, open, waiting, solved, closed
  priority INTEGER NOT NULL, -- 1 urgent to 4 low
  created TEXT NOT NULL, -- RFC 3339
  updated TEXT NOT NULL
);
CREATE INDEX tickets_requester ON tickets (requester);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL REFERENCES tickets,
  side TEXT NOT NULL, -- requester, staff, system, or note: for the staff's eyes
  sent TEXT NOT NULL, -- RFC 3339
  body TEXT NOT NULL
);
CREATE INDEX messages_ticket ON messages (ticket, id);
