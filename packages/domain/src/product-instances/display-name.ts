/** What an instance is called in lists: its host name, or product id and serial number where that is withheld. */
export function displayNameOf(instance: {
  hostName?: string | null | undefined;
  productId: string;
  serialNumber: string;
}): string {
  return instance.hostName ?? `${instance.productId} ${instance.serialNumber}`;
}
