import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useIsOperator } from '../../api/queries.ts';
import type { Delivery } from '../../api/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { type Acting, ActionDialog } from '../dead-letters/action-dialog.tsx';
import { curlOf } from './curl-command.ts';
import { EditDialog } from './edit-dialog.tsx';
import { RevealDialog } from './reveal-dialog.tsx';
import { deliveryKey, type Revealing } from './use-delivery.ts';

interface DeliveryActionsProps {
  readonly delivery: Delivery;
  readonly revealing: Revealing;
}

/** What can be done with a delivery, as it stands. */
export function DeliveryActions({ delivery: { id, state }, revealing }: DeliveryActionsProps) {
  const client = useQueryClient();
  const [action, act] = useState<Acting['action']>();
  const [purpose, pursue] = useState<'edit' | 'curl'>();
  const [done, tell] = useState('');
  const isOperator = useIsOperator();
  const revealed = revealing.delivery;
  const isDead = state === 'dead';
  const end = () => pursue(undefined);
  return (
    <>
      {done && (
        <p className="notice" role="status">
          {done}
        </p>
      )}
      <div className="row actions">
        {isDead && isOperator && (
          <>
            <button type="button" className="primary" onClick={() => act('replay')}>
              Replay …
            </button>
            <button type="button" onClick={() => pursue('edit')}>
              Edit and replay …
            </button>
          </>
        )}
        {isDead && (
          <button type="button" onClick={() => act('try')}>
            Dry run
          </button>
        )}
        {isDead && isOperator && (
          <button type="button" className="danger" onClick={() => act('discard')}>
            Discard …
          </button>
        )}
        {state === 'discarded' && isOperator && (
          <button type="button" className="primary" onClick={() => act('restore')}>
            Restore …
          </button>
        )}
        {isOperator && (
          <button type="button" onClick={() => pursue('curl')}>
            Copy as curl …
          </button>
        )}
        {!isOperator && (
          <span className="quiet">To change it, or to see its exact body, one has to be operator.</span>
        )}
      </div>
      {action && (
        <ActionDialog
          acting={{ action, filter: { id: [id] } }}
          onDone={(text) => {
            tell(text);
            void client.invalidateQueries({ queryKey: deliveryKey(id) });
          }}
          onClose={() => act(undefined)}
        />
      )}
      {purpose && !revealed && (
        // It goes on with what it was revealed for.
        <RevealDialog action="Reveal and go on" revealing={revealing} onRevealed={() => {}} onClose={end} />
      )}
      {purpose === 'edit' && revealed && <EditDialog delivery={revealed} onClose={end} />}
      {purpose === 'curl' && revealed && <CurlDialog delivery={revealed} onClose={end} />}
    </>
  );
}

/** A command that sends the delivery to an ingest on one's own machine. */
function CurlDialog({ delivery, onClose }: { readonly delivery: Delivery; readonly onClose: () => void }) {
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
