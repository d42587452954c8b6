/**
 * Adapters by the name that stored repositories have for their VCS. One that this server has not heard of yet is looked
 * for, which takes a moment: another server may have connected it a second ago.
 */
export interface Adapters<T> {
  get(name: string): T | undefined | Promise<T | undefined>;
}
