import { useId } from 'react';

interface NoteFieldProps {
  readonly note: string;
  readonly onChange: (note: string) => void;
}

/** Asks why something is done. It has the focus when it comes, for nothing is done without it. */
export function NoteField({ note, onChange }: NoteFieldProps) {
  const field = useId();
  return (
    <>
      <label htmlFor={field}>Why, for the audit log</label>
      <input
        id={field}
        value={note}
        onChange={({ target }) => onChange(target.value)}
        maxLength={500}
        required
        // biome-ignore lint/a11y/noAutofocus: the field that has to be filled, where the focus belongs.
        autoFocus
      />
    </>
  );
}
