import { type JsonNode, nodeOf, readJson, writeJson } from '../../view/json-text.ts';

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
export function webhookOf({ source, topic, body }: Item): string {
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
