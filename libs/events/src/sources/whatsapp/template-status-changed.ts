import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { open, text } from './input.ts';
import { topics } from './topics.ts';

/** `template_id` is made by unpack.ts: the exact digits of `value.message_template_id`. */
const item = z.looseObject({
  template_id: z.string(),
  value: z.looseObject({
    event: z.string(),
    message_template_name: z.string(),
    message_template_language: z.string(),
    reason: text,
  }),
});

const payload = z.object({
  templateId: z.string().describe('Exact id of the template'),
  name: z.string(),
  language: z.string().describe('e.g. en_US'),
  event: z.string().describe('APPROVED, REJECTED, PAUSED, DISABLED, or what Meta adds to them'),
  reason: z.string().optional().describe('Why; NONE where Meta gives no reason'),
  update: open.describe('The whole update, as Meta sent it'),
});

export const templateStatusChanged = defineEvent({
  name: 'templateStatusChanged',
  title: 'Template status changed',
  description: 'Meta approved, rejected, paused or disabled a message template.',
  topic: topics.templateStatus,
  input: item,
  schema: payload,
  map: ({ template_id, value }: z.output<typeof item>) => ({
    templateId: template_id,
    name: value.message_template_name,
    language: value.message_template_language,
    event: value.event,
    ...withoutNulls({ reason: value.reason }),
    update: value,
  }),
});
