import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** What can be changed about a virtual account beside its place. */
export type Properties = {
  readonly name: string;
  readonly description: string;
  readonly accessLevel: 'restricted' | 'unrestricted';
  readonly isDefault: boolean;
};

/** A default virtual account stays the default until another one becomes it. */
export type PropertiesChange = {
  readonly [Name in keyof Properties]?: (Name extends 'isDefault' ? true : Properties[Name]) | undefined;
};

export type ChangeRefusal = Refusal<'nothing-to-do'> | Refusal<'default-virtual-account'>;

/** Decides what a virtual account is after a change. The default one is never restricted (seed 003). */
export function changeVirtualAccount(
  before: Properties,
  change: PropertiesChange,
): Decision<Properties, ChangeRefusal> {
  const after: Properties = {
    name: change.name ?? before.name,
    description: change.description ?? before.description,
    accessLevel: change.accessLevel ?? before.accessLevel,
    isDefault: change.isDefault ?? before.isDefault,
  };
  const names = Object.keys(after) as (keyof Properties)[];
  if (names.every((name) => after[name] === before[name])) return refuse('nothing-to-do', {});
  if (after.isDefault && after.accessLevel === 'restricted') return refuse('default-virtual-account', {});
  return accept(after);
}
