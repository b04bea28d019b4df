import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Delivery } from '../../api/answers.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { type Acting, ActionDialog } from '../dead-letters/action-dialog.tsx';
import { CurlDialog } from './curl-dialog.tsx';
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
          acting={{ action, filter: { ids: [id] } }}
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
