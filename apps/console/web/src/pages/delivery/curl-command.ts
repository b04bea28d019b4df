import { type JsonNode, nodeOf, readJson, writeJson } from '../../model/json-text.ts';

/** What of a delivery makes its webhook again; headers and body as they are, not masked. */
export interface Sendable {
  readonly source: string;
  readonly connection: string;
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt?: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An ingest on this machine, at the port that it has unless told otherwise. */
const INGEST = 'http://127.0.0.1:3000';

/** How a source proves its sender: lines before, and headers in which the shell puts what those have made. */
interface Proof {
  readonly notes?: readonly string[];
  readonly lines?: readonly string[];
  readonly headers: readonly string[];
  /** Headers without any work of the shell. */
  readonly literal?: Readonly<Record<string, string>>;
}

const SIGN = 'printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET"';
const HEX = `signature=$(${SIGN} -r | cut -d ' ' -f 1)`;

/**
 * Writes a command for a POSIX shell that sends the delivery to an ingest on this machine, signed with the connection's
 * secret, which it takes from `$SECRET` and does not hold. The body goes through a pipe: as an argument it could have
 * 128 kB at most.
 *
 * @param ingest where ingest listens
 */
export function curlOf(sendable: Sendable, ingest: string = INGEST): string {
  const { connection, headers } = sendable;
  const { notes = [], lines = [], headers: proof, literal = {} } = proofOf(sendable);
  const kept = Object.entries({ ...headers, ...literal }).filter(([name]) => !isMadeAgain(name));
  const sent = [
    "-H 'content-type: application/json'",
    ...kept.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...proof.map((header) => `-H "${header}"`),
  ];
  return [
    ...notes.map((note) => `# ${note}`),
    // In a shell of its own: what is set in it is forgotten, and a missing secret ends it and nothing else.
    '(',
    `: "\${SECRET:?is to be the secret of the connection}"`,
    `body=${quote(webhookOf(sendable))}`,
    ...lines,
    `printf %s "$body" | curl -sS -i ${quote(`${ingest}/webhooks/${connection}`)} \\`,
    ...sent.map((header) => `  ${header} \\`),
    '  --data-binary @-',
    ')',
    '',
  ].join('\n');
}

/** Quotes for a POSIX shell: within '…' nothing means anything but the ' itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Of a time long ago, and of another signature. */
const isMadeAgain = (name: string) => /^(?:webhook|svix)-(?:id|timestamp|signature)$/.test(name);

function proofOf({ source, topic, occurredAt, headers, connection }: Sendable): Proof {
  switch (source) {
    case 'shopify':
      return {
        lines: [`signature=$(${SIGN} -binary | openssl base64 -A)`],
        headers: ['x-shopify-hmac-sha256: $signature'],
        literal: {
          'x-shopify-topic': topic,
          ...(occurredAt === undefined
            ? {}
            : { 'x-shopify-triggered-at': new Date(occurredAt).toISOString() }),
        },
      };
    case 'linear':
      return {
        notes: [
          'Linear’s webhookTimestamp may be 60 s old at most: it is set to now, before the body is signed.',
        ],
        lines: [
          `body=$(printf %s "$body" | sed -E "s/(\\"webhookTimestamp\\"[[:space:]]*:[[:space:]]*)[0-9]+/\\1$(date +%s)000/")`,
          HEX,
        ],
        headers: ['linear-signature: $signature'],
      };
    case 'whatsapp':
      return { lines: [HEX], headers: ['x-hub-signature-256: sha256=$signature'] };
    case 'telegram':
      return { headers: ['x-telegram-bot-api-secret-token: $SECRET'] };
    case 'standard-webhooks':
      return standardWebhooks(headers['webhook-id'] ?? headers['svix-id'] ?? `again-${connection}`);
    default:
      return {
        notes: [`How ${source} signs stands in the connections file: add the header that proves the sender.`],
        headers: [],
      };
  }
}

/** `whsec_` stands before base64 of the key; a secret without it is the key. */
function standardWebhooks(id: string): Proof {
  const toSign = 'printf %s.%s.%s "$id" "$timestamp" "$body" | openssl dgst -sha256';
  const bytes = `printf %s "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n'`;
  return {
    lines: [
      `id=${quote(id)}`,
      'timestamp=$(date +%s)',
      'case "$SECRET" in',
      `  whsec_*) signature=$(${toSign} -mac HMAC -macopt "hexkey:$(${bytes})" -binary | openssl base64 -A) ;;`,
      `  *) signature=$(${toSign} -hmac "$SECRET" -binary | openssl base64 -A) ;;`,
      'esac',
    ],
    headers: ['webhook-id: $id', 'webhook-timestamp: $timestamp', 'webhook-signature: v1,$signature'],
  };
}

interface Item {
  readonly source: string;
  readonly topic: string;
  /** Exact. */
  readonly body: string;
}

/**
 * Makes the body of a webhook out of that of a delivery, as the platform would send that one thing alone. Most
 * deliveries are a whole webhook; of WhatsApp and of Telegram's members each is one item of it. Numbers and texts stay
 * to the letter.
 */
function webhookOf({ source, topic, body }: Item): string {
  const reading = readJson(body);
  if (!reading.ok || reading.node.kind !== 'object') return body;
  const item = new Map(reading.node.members.map(({ name, value }) => [name, value]));
  if (source === 'whatsapp') return writeJson(whatsApp(item));
  if (source === 'telegram' && item.has('member')) return writeJson(telegram(topic, item));
  return body;
}

type Fields = ReadonlyMap<string, JsonNode>;

function whatsApp(item: Fields): JsonNode {
  const value =
    item.get('value') ??
    object({
      messaging_product: nodeOf('whatsapp'),
      metadata: item.get('metadata'),
      contacts: list(item.get('contact')),
      messages: list(item.get('message')),
      statuses: list(item.get('status')),
      errors: list(item.get('error')),
    });
  const change = object({ field: item.get('field'), value });
  const entry = object({ id: item.get('entry_id'), time: item.get('time'), changes: list(change) });
  return object({ object: nodeOf('whatsapp_business_account'), entry: list(entry) });
}

/** `message.left_chat_member`: in a message, under that name; `chat_member.joined`: nothing but what is around. */
function telegram(topic: string, item: Fields): JsonNode {
  const [kind = 'message', field = ''] = topic.split('.');
  const { update_id, member, ...around } = Object.fromEntries(item);
  const own = kind !== 'message' ? {} : { [field]: field === 'new_chat_members' ? list(member) : member };
  return object({ update_id, [kind]: object({ ...around, ...own }) });
}

const list = (item: JsonNode | undefined): JsonNode | undefined => item && { kind: 'array', items: [item] };

function object(fields: Readonly<Record<string, JsonNode | undefined>>): JsonNode {
  const members = Object.entries(fields).flatMap(([name, value]) =>
    value ? [{ name, rawName: JSON.stringify(name), value }] : [],
  );
  return { kind: 'object', members };
}
