import { useQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { SettingsResponse } from '../api/types.ts';
import { ErrorMessage, Loading } from '../ui/elements.tsx';
import { Page } from '../ui/page.tsx';

/** The settings of this console, read-only. */
export function SettingsPage() {
  const { data, error } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => request<SettingsResponse>('/settings', { signal }),
  });
  return (
    <Page title="Settings">
      <p className="muted">Set by environment variables when the console starts. Secrets are not shown.</p>
      <ErrorMessage error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          {data.groups.map((group) => (
            <SettingsGroup key={group.name} {...group} />
          ))}
          <SettingsGroup name="Versions" settings={versionsOf(data)} />
          <SettingsGroup name="Users" settings={data.tokens.map(toTokenSetting)} />
          {data.tokens.length === 0 && (
            <p>No tokens are configured: every user on this machine is an operator.</p>
          )}
        </>
      )}
    </Page>
  );
}

function SettingsGroup({ name, settings }: SettingsResponse['groups'][number]) {
  if (settings.length === 0) return null;
  return (
    <section className="panel scroll" aria-label={name}>
      <h2>{name}</h2>
      <table className="settings">
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.name}>
              <th scope="row">
                <code>{setting.name}</code>
              </th>
              <td>
                <code>{setting.value}</code>
              </td>
              <td className="muted">{withCode(setting.about)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Renders the text between backticks as code. */
const withCode = (text: string) =>
  text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts never move.
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );

const versionsOf = ({ versions }: SettingsResponse) =>
  Object.entries(versions).map(([name, value]) => ({ name, value, about: '' }));

const toTokenSetting = ({ name, role }: SettingsResponse['tokens'][number]) => ({
  name,
  value: role,
  about: '',
});
