import type { ReactElement } from "react";
import type { AppOfferView, AppPermissionView } from "../../../contract/apps.ts";
import { Words } from "../../parts/words.tsx";

/** Everything the app will be allowed to, each with its reason. */
export function PermissionList(props: {
  readonly offer: AppOfferView;
  readonly upgrades: readonly string[];
}): ReactElement {
  const { offer, upgrades } = props;
  const chosen = offer.upgrades.filter(({ name }) => upgrades.includes(name));
  const rows = together([...offer.permissions, ...chosen.flatMap((one) => one.permissions)]);
  const events = [...offer.events, ...chosen.flatMap((one) => one.events)];
  return (
    <details className="permissions">
      <summary>
        {rows.length} permissions and {events.length} events, each with its reason
      </summary>
      <table>
        <caption className="visually-hidden">Permissions</caption>
        <thead>
          <tr>
            <th scope="col">Permission</th>
            <th scope="col">Level</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <PermissionRow key={one.name} permission={one} />
          ))}
        </tbody>
      </table>
      <table>
        <caption className="visually-hidden">Events</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">What follows</th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ name, label, reason }) => (
            <tr key={name}>
              <th scope="row">{label}</th>
              <td>
                <Words text={reason} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Each once, at its highest level and with all its reasons. */
function together(all: readonly AppPermissionView[]): readonly AppPermissionView[] {
  const rows = new Map<string, AppPermissionView>();
  for (const one of all) {
    const before = rows.get(one.name);
    const level = before?.level === "write" ? "write" : one.level;
    const reason = before === undefined ? one.reason : `${before.reason}; ${one.reason}`;
    rows.set(one.name, { ...one, level, reason });
  }
  return [...rows.values()];
}

function PermissionRow(props: { readonly permission: AppPermissionView }): ReactElement {
  const { label, of, level, reason } = props.permission;
  return (
    <tr>
      <th scope="row">
        {label}
        {of === "organization" ? " (organization)" : ""}
      </th>
      <td>{level}</td>
      <td>
        <Words text={reason} />
      </td>
    </tr>
  );
}
