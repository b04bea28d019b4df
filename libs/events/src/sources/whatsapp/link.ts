import { linkTags, recordTags, type SourceLink, tagText } from '../../definitions/define-link.ts';
import { fieldOf } from '../../delivery/json-slice.ts';
import { whatsappNumber } from '../../delivery/phone-number.ts';

/** A conversation is a person's chat with one of the business' numbers. */
export const whatsappLink: SourceLink = {
  channel: { name: 'channel', title: 'Chat', description: 'A chat of WhatsApp' },
  conversation: {
    botPhoneNumberId: { title: 'Business number', description: "Meta's id of the business phone number" },
    userPhone: { title: 'Phone number', description: 'Phone number of the person, like +16505550123' },
    userId: { title: 'User id', description: 'Business-scoped id of the person' },
  },
  user: {
    userId: {
      title: 'User id',
      description: 'WhatsApp id of the person: the phone number, else the user id',
    },
    number: { title: 'Phone number', description: 'Phone number of the person, digits only' },
    whatsappUserId: { title: 'WhatsApp user id', description: 'Business-scoped id of the person' },
  },
  message: { id: { title: 'Message id', description: "Meta's id of the message" } },
  find(input) {
    const [message, status, contact] = ['message', 'status', 'contact'].map((name) => fieldOf(input, name));
    // A status of a group message names the group.
    if (fieldOf(status, 'recipient_type') === 'group')
      return linkTags({ message: recordTags({ id: fieldOf(status, 'id') }) });
    const phone = tagText(
      fieldOf(message, 'from') ?? fieldOf(contact, 'wa_id') ?? fieldOf(status, 'recipient_id'),
    );
    const number = tagText(fieldOf(contact, 'wa_id')) ?? phone;
    const userId =
      fieldOf(message, 'from_user_id') ?? fieldOf(contact, 'user_id') ?? fieldOf(status, 'recipient_user_id');
    const business = { botPhoneNumberId: fieldOf(fieldOf(input, 'metadata'), 'phone_number_id') };
    const userPhone = phone === undefined ? undefined : (whatsappNumber(phone) ?? phone);
    return linkTags({
      conversation:
        userPhone === undefined
          ? recordTags({ ...business, userId })
          : recordTags({ ...business, userPhone }, { userId }),
      user: recordTags({ userId: number ?? userId }, { number, whatsappUserId: userId }),
      message: recordTags({ id: fieldOf(message, 'id') ?? fieldOf(status, 'id') }),
    });
  },
};
