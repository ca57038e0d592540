-- The ERP: an old one with German names, numbers for ids, cents in integers,
-- days written 20261031 and a code for everything.
CREATE TABLE debitor (
  debnr INTEGER PRIMARY KEY,
  kundennr TEXT NOT NULL UNIQUE, -- C-10001
  art TEXT NOT NULL, -- P Person, F Firma
  anrede TEXT,
  name1 TEXT NOT NULL, -- Nachname oder Firma
  name2 TEXT, -- Vorname
  strasse TEXT,
  plz TEXT,
  ort TEXT,
  land TEXT, -- D, GB, USA, F, AUS
  telefon TEXT,
  mail TEXT,
  gebdat TEXT, -- TT.MM.JJJJ
  sprache TEXT, -- D, E, F
  geaendert TEXT NOT NULL -- JJJJ-MM-TT HH:MM:SS
);
CREATE INDEX debitor_geaendert ON debitor (geaendert, debnr);
CREATE INDEX debitor_mail ON debitor (lower(trim(mail)));

CREATE TABLE rechnung (
  beleg INTEGER PRIMARY KEY,
  renr TEXT, -- RE-2026-00001; Entwürfe haben keine
  debnr INTEGER NOT NULL REFERENCES debitor,
  datum TEXT NOT NULL, -- JJJJMMTT
  status TEXT NOT NULL, -- E Entwurf, O offen, B bezahlt, S storniert
  betrag INTEGER NOT NULL, -- Cent
  offen INTEGER NOT NULL, -- Cent
  waehrung TEXT NOT NULL
);
CREATE INDEX rechnung_debnr ON rechnung (debnr);

CREATE TABLE zahlung (
  zahlnr INTEGER PRIMARY KEY,
  debnr INTEGER NOT NULL REFERENCES debitor,
  beleg INTEGER NOT NULL REFERENCES rechnung,
  datum TEXT NOT NULL, -- JJJJMMTT
  betrag INTEGER NOT NULL, -- Cent
  waehrung TEXT NOT NULL,
  weg TEXT NOT NULL -- UEB, LAS, KRE, PAY
);
CREATE INDEX zahlung_debnr ON zahlung (debnr);

CREATE VIEW offene_posten AS
  SELECT debnr, waehrung, sum(CASE WHEN status = 'O' THEN offen ELSE 0 END) AS offen
  FROM rechnung WHERE status IN ('O', 'B') GROUP BY debnr, waehrung;
