import { useQuery } from '@tanstack/react-query';
import { ask } from '../api/request.ts';
import type { SettingsAnswer } from '../api/types.ts';
import { Loading, Trouble } from '../ui/elements.tsx';
import { Page } from '../ui/page.tsx';

/** How this console was started; changed where it is started, not here. */
export function Settings() {
  const { data, error } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => ask<SettingsAnswer>('/settings', { signal }),
  });
  return (
    <Page title="Settings">
      <p className="quiet">
        As this console was started. They are changed in its environment; secrets are shown nowhere.
      </p>
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          {data.groups.map((group) => (
            <Group key={group.name} {...group} />
          ))}
          <Group name="Versions" settings={versionsOf(data)} />
          <Group name="Who may sign in" settings={data.tokens.map(toSetting)} />
          {data.tokens.length === 0 && <p>No tokens: whoever reaches this machine’s loopback is operator.</p>}
        </>
      )}
    </Page>
  );
}

function Group({ name, settings }: SettingsAnswer['groups'][number]) {
  if (settings.length === 0) return null;
  return (
    <section className="panel scroll" aria-label={name}>
      <h2>{name}</h2>
      <table>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.name}>
              <th scope="row">
                <code>{setting.name}</code>
              </th>
              <td>
                <code>{setting.value}</code>
              </td>
              <td className="quiet">{setting.about}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const versionsOf = ({ versions }: SettingsAnswer) =>
  Object.entries(versions).map(([name, value]) => ({ name, value, about: '' }));

const toSetting = ({ name, role }: SettingsAnswer['tokens'][number]) => ({ name, value: role, about: '' });
