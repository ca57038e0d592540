/** What an answer says about itself, in few words. */
export interface Receipt {
  /** Whether the answer says anything about privacy at all. */
  privacy: boolean;
  purpose: string;
  /** How many fields had each outcome other than SHOWN. */
  outcomes: [outcome: string, fields: number][];
  /** Whether the server left notes out of a long list. */
  more: boolean;
  notes: Note[];
  sources: SourceAnswer[];
  errors: number;
}

export interface Note {
  field: string;
  outcome: string;
  reason: string;
  remedy: string;
  /** How many customers it holds for, where it does not hold for all. */
  customers: number;
}

export interface SourceAnswer {
  source: string;
  state: string;
  code: string;
  latencyMs: number;
  calls: number;
  saved: number;
}

/** Reads the receipt out of a response as the editor shows it; nothing where there is none. */
export function receiptOf(response: string | null | undefined): Receipt | undefined {
  const parsed = record(parse(response));
  const extensions = record(parsed.extensions);
  const privacy = record(extensions.privacy);
  const sources = sourcesOf(extensions.sources);
  if (!extensions.privacy && sources.length === 0) return undefined;
  const notes = list(privacy.fields).map(noteOf).filter((note) => note.outcome !== 'SHOWN');
  return {
    privacy: Boolean(extensions.privacy),
    purpose: text(privacy.purpose),
    outcomes: countOutcomes(notes),
    more: privacy.more === true,
    notes,
    sources,
    errors: list(parsed.errors).length,
  };
}

function countOutcomes(notes: Note[]): [string, number][] {
  const fields = new Map<string, Set<string>>();
  for (const { outcome, field } of notes) {
    fields.set(outcome, (fields.get(outcome) ?? new Set()).add(field));
  }
  return [...fields].map(([outcome, names]): [string, number] => [outcome, names.size]).sort();
}

function noteOf(value: unknown): Note {
  const note = record(value);
  return {
    field: text(note.field),
    outcome: text(note.outcome),
    reason: text(note.reason),
    remedy: text(note.remedy),
    customers: list(note.customers).length,
  };
}

// A list of answers, or answers by the source's name.
function sourcesOf(value: unknown): SourceAnswer[] {
  const named = Array.isArray(value)
    ? value.map(record)
    : Object.entries(record(value)).map(([source, answer]) => ({ source, ...record(answer) }));
  return named.map((answer: Record<string, unknown>) => ({
    source: text(answer.source),
    state: text(answer.state),
    code: text(answer.code),
    latencyMs: number(answer.latencyMs),
    calls: number(answer.calls),
    saved: number(answer.saved),
  }));
}

function parse(response: string | null | undefined): unknown {
  try {
    return JSON.parse(response ?? '');
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
