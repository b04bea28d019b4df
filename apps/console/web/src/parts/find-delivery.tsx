import { useId, useState } from 'react';
import { useLocation } from 'wouter';

const DELIVERY = /^dlv_[\w-]+$/;
const REPLAY = /^rpl_[\w-]+$/;

/** Goes to a delivery or replay by its id, and for anything else looks in the dead letters’ messages. */
export function FindDelivery() {
  const [text, setText] = useState('');
  const [, go] = useLocation();
  const field = useId();
  const find = () => {
    const wanted = text.trim();
    if (!wanted) return;
    setText('');
    if (DELIVERY.test(wanted)) go(`/deliveries/${wanted}`);
    else if (REPLAY.test(wanted)) go(`/replays/${wanted}`);
    else go(`/dead-letters?text=${encodeURIComponent(wanted)}`);
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <label htmlFor={field} className="unseen">
          Find a delivery or replay by its id, or a word in the dead letters
        </label>
        <input
          id={field}
          type="search"
          placeholder="dlv_…, rpl_…, or a word"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </search>
  );
}
