import { useState } from 'react';
import type { Delivery } from '../../api/answers.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { layOut, readJson } from '../../view/json-text.ts';
import { ConfirmEdit } from './confirm-edit.tsx';
import { JsonEditor } from './json-editor.tsx';
import { useDryRun } from './use-dry-run.ts';

interface EditDialogProps {
  /** Revealed. */
  readonly delivery: Delivery;
  readonly onClose: () => void;
}

/** Edits the exact body of a dead letter: what is wrong is told as one types, and what changes before it is sent. */
export function EditDialog({ delivery: { id, body }, onClose }: EditDialogProps) {
  const [before] = useState(() => toLines(body?.masked === false ? body.text : ''));
  const [text, setText] = useState(before);
  const [isChecking, check] = useState(false);
  const [isWarned, warn] = useState(false);
  const dryRun = useDryRun(id, text);
  const isChanged = toLines(text) !== toLines(before);
  const close = () => {
    // One slip of the hand must not cost an hour of work.
    if (isChanged && !isWarned) warn(true);
    else onClose();
  };
  return (
    <Dialog title={isChecking ? 'What changes' : 'Edit the body'} onClose={close} wide>
      {isChecking ? (
        <ConfirmEdit
          id={id}
          before={before}
          after={toLines(text)}
          text={text}
          onBack={() => check(false)}
          onDone={onClose}
        />
      ) : (
        <>
          <p className="quiet">
            Laid out for reading; numbers and texts are to the letter. What today’s mappers make of it is
            tried as you type, and nothing is changed before you have seen the difference.
          </p>
          <JsonEditor text={text} onChange={setText} dryRun={dryRun} />
          <div className="row end">
            {isWarned && <span role="alert">Your changes are lost if you cancel again.</span>}
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              className="primary"
              disabled={!isChanged || dryRun.state !== 'fits'}
              onClick={() => check(true)}
            >
              {isChanged ? 'See what changes' : 'Nothing is changed yet'}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** JSON with a line for each value, so that lines can be compared; whatever else as it is. */
function toLines(text: string): string {
  const reading = readJson(text);
  return reading.ok ? layOut(reading.node) : text;
}
