import { Link } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import type { Place } from '../paths.ts';

interface PlaceLinkProps extends Omit<ComponentProps<'a'>, 'href' | 'ref'> {
  to: Place;
  children?: ReactNode;
  /** Stays where the page is scrolled to: for panels and filters of the same list. */
  keepScroll?: boolean;
}

/** A link to a place of the console. */
export function PlaceLink({ to, children, keepScroll = false, ...rest }: PlaceLinkProps) {
  return (
    <Link to={to.to} params={to.params ?? {}} search={to.search ?? {}} resetScroll={!keepScroll} {...rest}>
      {children}
    </Link>
  );
}
