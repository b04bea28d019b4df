import { type JsonNode, parseJson, stringifyJson, toJsonNode } from '../../model/json-text.ts';

/** The parts of a delivery that its webhook consists of, not masked. */
export interface SendableDelivery {
  readonly source: string;
  readonly connection: string;
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt?: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An ingest on this machine with the default port. */
const LOCAL_INGEST = 'http://127.0.0.1:3000';

/** How a source authenticates its webhooks. */
interface Signature {
  /** Comments above the command. */
  readonly comments?: readonly string[];
  /** Shell commands that set variables. */
  readonly commands?: readonly string[];
  /** Headers with shell variables. */
  readonly headers: readonly string[];
  /** Headers without shell variables. */
  readonly literalHeaders?: Readonly<Record<string, string>>;
}

const SIGN = 'printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET"';
const HEX = `signature=$(${SIGN} -r | cut -d ' ' -f 1)`;

/**
 * Returns a command for a POSIX shell that sends the delivery to a local ingest. The signature uses the secret of the
 * connection from `$SECRET`; the command does not contain it. The body goes through a pipe, because an argument is
 * limited to 128 kB.
 *
 * @param ingest base URL of ingest
 */
export function toCurlCommand(delivery: SendableDelivery, ingest: string = LOCAL_INGEST): string {
  const { connection, headers } = delivery;
  const { comments = [], commands = [], headers: signed, literalHeaders = {} } = signatureFor(delivery);
  const literal = Object.entries({ ...headers, ...literalHeaders }).filter(([name]) => !isRegenerated(name));
  const options = [
    "-H 'content-type: application/json'",
    ...literal.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...signed.map((header) => `-H "${header}"`),
  ];
  return [
    ...comments.map((comment) => `# ${comment}`),
    // A subshell, so that its variables stay local and a missing secret ends only the subshell.
    '(',
    `: "\${SECRET:?Set it to the secret of the connection.}"`,
    `body=${quote(toWebhookBody(delivery))}`,
    ...commands,
    `printf %s "$body" | curl -sS -i ${quote(`${ingest}/webhooks/${connection}`)} \\`,
    ...options.map((option) => `  ${option} \\`),
    '  --data-binary @-',
    ')',
    '',
  ].join('\n');
}

/** Quotes a text for a POSIX shell. Between single quotes only the single quote is special. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns whether the command creates a header itself: the stored one is outdated. */
const isRegenerated = (name: string) => /^(?:webhook|svix)-(?:id|timestamp|signature)$/.test(name);

function signatureFor({ source, topic, occurredAt, headers, connection }: SendableDelivery): Signature {
  switch (source) {
    case 'shopify':
      return {
        commands: [`signature=$(${SIGN} -binary | openssl base64 -A)`],
        headers: ['x-shopify-hmac-sha256: $signature'],
        literalHeaders: {
          'x-shopify-topic': topic,
          ...(occurredAt === undefined
            ? {}
            : { 'x-shopify-triggered-at': new Date(occurredAt).toISOString() }),
        },
      };
    case 'linear':
      return {
        comments: [
          'Linear rejects a webhookTimestamp older than 60 s: the command sets it to the current time before signing.',
        ],
        commands: [
          `body=$(printf %s "$body" | sed -E "s/(\\"webhookTimestamp\\"[[:space:]]*:[[:space:]]*)[0-9]+/\\1$(date +%s)000/")`,
          HEX,
        ],
        headers: ['linear-signature: $signature'],
      };
    case 'whatsapp':
      return { commands: [HEX], headers: ['x-hub-signature-256: sha256=$signature'] };
    case 'telegram':
      return { headers: ['x-telegram-bot-api-secret-token: $SECRET'] };
    case 'standard-webhooks':
      return standardWebhooks(headers['webhook-id'] ?? headers['svix-id'] ?? `resend-${connection}`);
    default:
      return {
        comments: [`The connections file defines the signature of ${source}. Add the header for it.`],
        headers: [],
      };
  }
}

/** A secret with the prefix `whsec_` is the key in base64; any other secret is the key itself. */
function standardWebhooks(id: string): Signature {
  const toSign = 'printf %s.%s.%s "$id" "$timestamp" "$body" | openssl dgst -sha256';
  const bytes = `printf %s "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n'`;
  return {
    commands: [
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

interface WebhookItem {
  readonly source: string;
  readonly topic: string;
  readonly body: string;
}

/**
 * Converts the body of a delivery to that of a webhook with this item only. Most deliveries are a whole webhook;
 * deliveries of WhatsApp and of Telegram members are one item of it. Numbers and strings stay exact.
 */
function toWebhookBody({ source, topic, body }: WebhookItem): string {
  const result = parseJson(body);
  if (!result.ok || result.node.kind !== 'object') return body;
  const item = new Map(result.node.members.map(({ name, value }) => [name, value]));
  if (source === 'whatsapp') return stringifyJson(whatsApp(item));
  if (source === 'telegram' && item.has('member')) return stringifyJson(telegram(topic, item));
  return body;
}

type Fields = ReadonlyMap<string, JsonNode>;

function whatsApp(item: Fields): JsonNode {
  const value =
    item.get('value') ??
    object({
      messaging_product: toJsonNode('whatsapp'),
      metadata: item.get('metadata'),
      contacts: list(item.get('contact')),
      messages: list(item.get('message')),
      statuses: list(item.get('status')),
      errors: list(item.get('error')),
    });
  const change = object({ field: item.get('field'), value });
  const entry = object({ id: item.get('entry_id'), time: item.get('time'), changes: list(change) });
  return object({ object: toJsonNode('whatsapp_business_account'), entry: list(entry) });
}

/** `message.left_chat_member`: the member is in the message, under that name. `chat_member.joined`: it is not sent. */
function telegram(topic: string, item: Fields): JsonNode {
  const [kind = 'message', field = ''] = topic.split('.');
  const { update_id, member, ...rest } = Object.fromEntries(item);
  const own = kind !== 'message' ? {} : { [field]: field === 'new_chat_members' ? list(member) : member };
  return object({ update_id, [kind]: object({ ...rest, ...own }) });
}

const list = (item: JsonNode | undefined): JsonNode | undefined => item && { kind: 'array', items: [item] };

function object(fields: Readonly<Record<string, JsonNode | undefined>>): JsonNode {
  const members = Object.entries(fields).flatMap(([name, value]) =>
    value ? [{ name, rawName: JSON.stringify(name), value }] : [],
  );
  return { kind: 'object', members };
}
