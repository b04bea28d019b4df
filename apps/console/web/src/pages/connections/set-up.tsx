import type { Connection } from '../../api/answers.ts';
import { CopyButton } from '../../parts/copy-button.tsx';

/** Where the platform has to send to, and what has to be done there. */
export function SetUp({ connection: { webhookUrl, setUp, source } }: { readonly connection: Connection }) {
  return (
    <div>
      <h3>Set {source} up</h3>
      {webhookUrl && (
        <p className="row">
          <code>{webhookUrl}</code> <CopyButton text={webhookUrl} what="the address" />
        </p>
      )}
      <ol>
        {setUp.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}
