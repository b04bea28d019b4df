import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useIsOperator } from '../../api/queries.ts';
import type { Delivery } from '../../api/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionDialog, type PendingAction } from '../dead-letters/action-dialog.tsx';
import { toCurlCommand } from './curl-command.ts';
import { EditDialog } from './edit-dialog.tsx';
import { RevealDialog } from './reveal-dialog.tsx';
import { deliveryKey, type Reveal } from './use-delivery.ts';

interface DeliveryActionsProps {
  readonly delivery: Delivery;
  readonly reveal: Reveal;
}

/** The actions that the state of a delivery permits. */
export function DeliveryActions({ delivery: { id, state }, reveal }: DeliveryActionsProps) {
  const client = useQueryClient();
  const [action, setAction] = useState<PendingAction['action']>();
  // Needs the revealed body.
  const [tool, setTool] = useState<'edit' | 'curl'>();
  const [notice, setNotice] = useState('');
  const isOperator = useIsOperator();
  const revealed = reveal.delivery;
  const isDead = state === 'dead';
  const closeTool = () => setTool(undefined);
  return (
    <>
      {notice && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      <div className="row actions">
        {isDead && isOperator && (
          <>
            <button type="button" className="primary" onClick={() => setAction('replay')}>
              Replay
            </button>
            <button type="button" onClick={() => setTool('edit')}>
              Edit and replay
            </button>
          </>
        )}
        {isDead && (
          <button type="button" onClick={() => setAction('dry-run')}>
            Dry run
          </button>
        )}
        {isDead && isOperator && (
          <button type="button" className="danger" onClick={() => setAction('discard')}>
            Discard
          </button>
        )}
        {state === 'discarded' && isOperator && (
          <button type="button" className="primary" onClick={() => setAction('restore')}>
            Restore
          </button>
        )}
        {isOperator && (
          <button type="button" onClick={() => setTool('curl')}>
            Copy as curl
          </button>
        )}
        {!isOperator && (
          <span className="muted">Only operators can change this delivery or view its exact body.</span>
        )}
      </div>
      {action && (
        <ActionDialog
          pending={{ action, filter: { id: [id] } }}
          onDone={(text) => {
            setNotice(text);
            void client.invalidateQueries({ queryKey: deliveryKey(id) });
          }}
          onClose={() => setAction(undefined)}
        />
      )}
      {tool && !revealed && (
        // The tool opens once the body is revealed.
        <RevealDialog
          action="Reveal and continue"
          reveal={reveal}
          onRevealed={() => {}}
          onClose={closeTool}
        />
      )}
      {tool === 'edit' && revealed && <EditDialog delivery={revealed} onClose={closeTool} />}
      {tool === 'curl' && revealed && <CurlDialog delivery={revealed} onClose={closeTool} />}
    </>
  );
}

/** A shell command that sends the delivery to a local ingest. */
function CurlDialog({ delivery, onClose }: { readonly delivery: Delivery; readonly onClose: () => void }) {
  const command = curlCommandOf(delivery);
  const textarea = useRef<HTMLTextAreaElement>(null);
  const [status, setStatus] = useState('');
  const field = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      setStatus('Copied');
    } catch {
      // Browsers restrict the clipboard to HTTPS and localhost.
      textarea.current?.select();
      setStatus('The browser blocks access to the clipboard. Press Ctrl+C to copy the selected text.');
    }
  };
  return (
    <Dialog title="Copy as curl" onClose={onClose} wide>
      <p>
        Sends this delivery to a local ingest. The signature uses the secret of the connection from the
        variable <code>$SECRET</code>. The command contains the exact body, including personal data.
      </p>
      <label htmlFor={field}>Shell command</label>
      <textarea
        id={field}
        className="command"
        ref={textarea}
        value={command}
        rows={14}
        readOnly
        spellCheck={false}
      />
      <div className="row end">
        <span role="status">{status}</span>
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

function curlCommandOf({
  source = '',
  connection = '',
  topic,
  occurredAt,
  headers = {},
  body,
}: Delivery): string {
  const headerList = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const text = body?.masked === false ? body.text : '';
  return toCurlCommand({
    source,
    connection,
    topic,
    occurredAt,
    headers: Object.fromEntries(headerList),
    body: text,
  });
}
