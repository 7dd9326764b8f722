import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import * as word from '../search.ts';
import { root } from './root.tsx';

/* Pages before sign-in, and those that links in mails open. */

export const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: word.text, email: word.text, problem: word.text }),
  component: lazyRouteComponent(() => import('../pages/sign-in/SignInPage.tsx')),
});

export const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: lazyRouteComponent(() => import('../pages/set-up/SetUpPage.tsx')),
});

export const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../pages/invitation/InvitationPage.tsx')),
});

/** With the link of a mail that proves an address. */
export const confirmMail = createRoute({
  getParentRoute: () => root,
  path: '/confirm-mail',
  component: lazyRouteComponent(() => import('../pages/confirm-mail/ConfirmMailPage.tsx')),
});

export const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  validateSearch: z.object({ email: word.text }),
  component: lazyRouteComponent(() => import('../pages/lost-password/ForgotPasswordPage.tsx')),
});

export const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('../pages/lost-password/ResetPasswordPage.tsx')),
});

export const requestAccount = createRoute({
  getParentRoute: () => root,
  path: '/request-account',
  component: lazyRouteComponent(() => import('../pages/request-account/RequestAccountPage.tsx')),
});

/** With the link that whoever asked for an account gets by mail. */
export const accountRequest = createRoute({
  getParentRoute: () => root,
  path: '/account-request',
  component: lazyRouteComponent(() => import('../pages/request-account/AccountRequestPage.tsx')),
});

/** With the link that the approver gets by mail. */
export const acceptAccount = createRoute({
  getParentRoute: () => root,
  path: '/accept-account',
  component: lazyRouteComponent(() => import('../pages/request-account/AcceptAccountPage.tsx')),
});

/** With the link that the contact of orders gets by mail. */
export const orderAccount = createRoute({
  getParentRoute: () => root,
  path: '/order-account',
  component: lazyRouteComponent(() => import('../pages/order-account/OrderAccountPage.tsx')),
});

/** With the link that somebody gets whose second factors are about to end. */
export const keepSecondFactors = createRoute({
  getParentRoute: () => root,
  path: '/keep-second-factors',
  component: lazyRouteComponent(() => import('../pages/support/KeepSecondFactorsPage.tsx')),
});

/** With the link that an added address gets, for whoever reads it. */
export const confirmAddress = createRoute({
  getParentRoute: () => root,
  path: '/confirm-address',
  component: lazyRouteComponent(() => import('../pages/notifications/ConfirmAddressPage.tsx')),
});

/** With the link that is in every digest, for whoever reads it. */
export const unsubscribe = createRoute({
  getParentRoute: () => root,
  path: '/unsubscribe/$token',
  component: lazyRouteComponent(() => import('../pages/notifications/UnsubscribePage.tsx')),
});
