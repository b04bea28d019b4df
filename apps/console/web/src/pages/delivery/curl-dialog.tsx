import { useId, useRef, useState } from 'react';
import type { Delivery } from '../../api/answers.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { curlOf } from './curl-of.ts';

/** A command that sends the delivery to an ingest on one's own machine. */
export function CurlDialog({
  delivery,
  onClose,
}: {
  readonly delivery: Delivery;
  readonly onClose: () => void;
}) {
  const command = commandOf(delivery);
  const text = useRef<HTMLTextAreaElement>(null);
  const [told, tell] = useState('');
  const field = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      tell('Copied.');
    } catch {
      // Without TLS, and not on this machine, a browser has no clipboard for pages.
      text.current?.select();
      tell('The browser does not let the page copy: it is selected, copy it with Ctrl+C.');
    }
  };
  return (
    <Dialog title="Copy as curl" onClose={onClose} wide>
      <p>
        Sends this delivery to an ingest on your own machine, signed with the secret of its connection, which
        it takes from <code>$SECRET</code>. It holds the exact body, and so personal data: where you paste it,
        they are.
      </p>
      <label htmlFor={field}>Command for a shell</label>
      <textarea
        id={field}
        className="command"
        ref={text}
        value={command}
        rows={14}
        readOnly
        spellCheck={false}
      />
      <div className="row end">
        <span role="status">{told}</span>
        <button type="button" onClick={onClose}>
          Close
        </button>
        <button type="button" className="primary" onClick={() => void copy()}>
          Copy
        </button>
      </div>
    </Dialog>
  );
}

function commandOf({
  source = '',
  connection = '',
  topic,
  occurredAt,
  headers = {},
  body,
}: Delivery): string {
  const kept = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const text = body?.masked === false ? body.text : '';
  return curlOf({ source, connection, topic, occurredAt, headers: Object.fromEntries(kept), body: text });
}
