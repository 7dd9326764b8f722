/** The way to asking for access to an account that is there already, by its identifier. */
export const RequestAccessLink = ({ identifier }: { identifier: string }) => (
  <a href={`/request-access?${new URLSearchParams({ identifier })}`}>Ask for access</a>
);
