import { elementsOf, fieldOf, type JsonSlice } from '../../piece.ts';

/** Finds the contact that a message or status is about. */
export type FindContact = (ids: readonly unknown[]) => JsonSlice | undefined;

/**
 * Indexes the contacts of a value, by `wa_id` (a phone number) and `user_id` (a business-scoped id, which may
 * be all there is). A message carries its own contact alone, or 1,000 messages would each carry 1,000.
 *
 * The only contact of a value is taken where no id fits: real payloads have a `wa_id` that differs from
 * `from` (Meta normalises numbers of some countries).
 */
export function indexContacts(contacts: JsonSlice | undefined): FindContact {
  const all = elementsOf(contacts);
  const only = all.length === 1 ? all[0] : undefined;
  const byId = new Map<string, JsonSlice>();
  for (const contact of all) {
    for (const name of ['wa_id', 'user_id']) {
      const id = fieldOf(contact.json, name);
      if (typeof id === 'string') byId.set(id, contact);
    }
  }
  return (ids) => {
    for (const id of ids) {
      const contact = typeof id === 'string' ? byId.get(id) : undefined;
      if (contact) return contact;
    }
    return only;
  };
}
