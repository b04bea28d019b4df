import { useMutation, useQueryClient } from '@tanstack/react-query';
import { structuredPatch } from 'diff';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { request } from '../../api/request.ts';
import type { Delivery, EditResult, Replay } from '../../api/types.ts';
import { formatPlural } from '../../model/format.ts';
import { formatJson, parseJson } from '../../model/json-text.ts';
import { Dialog, NoteForm } from '../../ui/dialog.tsx';
import { SecondEventsField } from '../replays/replay-dialog.tsx';
import { JsonEditor, NOT_DEAD, useValidation } from './json-editor.tsx';
import { deliveryKey } from './use-delivery.ts';

interface EditDialogProps {
  /** With the revealed body. */
  readonly delivery: Delivery;
  readonly onClose: () => void;
}

/** Edits the body of a dead letter. It validates while the user types and shows the changes before they are sent. */
export function EditDialog({ delivery: { id, body, death }, onClose }: EditDialogProps) {
  const [before] = useState(() => formatBody(body?.masked === false ? body.text : ''));
  const [text, setText] = useState(before);
  const [isReviewing, setReviewing] = useState(false);
  const [isWarned, setWarned] = useState(false);
  const validation = useValidation(id, text);
  const isChanged = formatBody(text) !== formatBody(before);
  const close = () => {
    // Closing by mistake must not discard changes.
    if (isChanged && !isWarned) setWarned(true);
    else onClose();
  };
  return (
    <Dialog title={isReviewing ? 'Review changes' : 'Edit body'} onClose={close} wide>
      {isReviewing ? (
        <ConfirmEditForm
          id={id}
          before={before}
          after={formatBody(text)}
          text={text}
          hasEvent={death?.eventId !== undefined}
          onBack={() => setReviewing(false)}
          onDone={onClose}
        />
      ) : (
        <>
          <p className="muted">
            Formatted for reading; numbers and strings are exact. The current mapper validates the body while
            you type. You review the changes before they are saved.
          </p>
          <JsonEditor text={text} onChange={setText} validation={validation} />
          <div className="row end">
            {isWarned && <span role="alert">Cancel again to discard your changes.</span>}
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              className="primary"
              disabled={!isChanged || validation.state !== 'valid'}
              onClick={() => setReviewing(true)}
            >
              {isChanged ? 'Review changes' : 'No changes'}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Formats JSON with one value per line, for comparison by line. Other text is unchanged. */
function formatBody(text: string): string {
  const result = parseJson(text);
  return result.ok ? formatJson(result.node) : text;
}

interface ConfirmEditFormProps {
  readonly id: string;
  /** Formatted with one value per line. */
  readonly before: string;
  /** Formatted with one value per line. */
  readonly after: string;
  /** The text to save. */
  readonly text: string;
  /** The bot failed or ignored the event of the delivery, so that a replay creates a second one. */
  readonly hasEvent: boolean;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** Shows the changes and requires a note. Saves the edit, starts a replay and opens it. */
function ConfirmEditForm({ id, before, after, text, hasEvent, onBack, onDone }: ConfirmEditFormProps) {
  const [isConfirmed, setConfirmed] = useState(false);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const mutation = useMutation({
    mutationFn: (note: string) => editAndReplay({ id, body: text, note, secondEvents: isConfirmed }),
    onSuccess: (replay) => {
      void client.invalidateQueries({ queryKey: deliveryKey(id) });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onDone();
      navigate(`/replays/${replay.id}`);
    },
  });
  return (
    <NoteForm
      action="Edit and replay"
      isBlocked={hasEvent && !isConfirmed}
      fields={
        <SecondEventsField count={hasEvent ? 1 : 0} isConfirmed={isConfirmed} onChange={setConfirmed} />
      }
      mutation={mutation}
      cancelLabel="Back to editor"
      onCancel={onBack}
    >
      <LineDiff before={before} after={after} />
    </NoteForm>
  );
}

interface EditAndReplay {
  readonly id: string;
  readonly body: string;
  readonly note: string;
  readonly secondEvents: boolean;
}

async function editAndReplay({ id, body, note, secondEvents }: EditAndReplay): Promise<Replay> {
  const { edited, refusals } = await request<EditResult>('/dead-letters/edit', {
    method: 'POST',
    body: { id, body, note },
  });
  if (edited.length === 0) throw new Error(`Edit rejected: ${refusals[0]?.why ?? NOT_DEAD}`);
  return request<Replay>('/replays', { method: 'POST', body: { filter: { id: [id] }, note, secondEvents } });
}

interface LineDiffProps {
  readonly before: string;
  readonly after: string;
}

/** Unchanged lines shown around a change. */
const CONTEXT = 3;

/** By the prefix of a line in the patch: the sign shown, and the CSS class, which screen readers get as text. */
const CHANGES: Readonly<Record<string, readonly [sign: string, name: string]>> = {
  '+': ['+', 'added'],
  '-': ['−', 'removed'],
};

/** A line diff with some context. */
function LineDiff({ before, after }: LineDiffProps) {
  const hunks = useMemo(
    () => structuredPatch('', '', `${before}\n`, `${after}\n`, '', '', { context: CONTEXT }).hunks,
    [before, after],
  );
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const added = lines.filter((line) => line.startsWith('+')).length;
  const removed = lines.filter((line) => line.startsWith('-')).length;
  return (
    <>
      <p>
        {formatPlural(added, 'line')} added (+), {formatPlural(removed, 'line')} removed (−).
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area needs keyboard access. */}
      <section className="diff" aria-label="Changes" tabIndex={0}>
        {hunks.map((hunk) => (
          <div key={hunk.newStart}>
            <p className="muted">Line {hunk.newStart}</p>
            {hunk.lines.map((line, index) => {
              const [sign, name] = CHANGES[line[0] ?? ''] ?? ['\u00a0', 'same'];
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other key and never move.
                <div key={index} className={`diff-line ${name}`}>
                  <span aria-hidden="true">{sign}</span>
                  <code>
                    {name !== 'same' && <span className="visually-hidden">{name}: </span>}
                    {line.slice(1)}
                  </code>
                </div>
              );
            })}
          </div>
        ))}
      </section>
    </>
  );
}
