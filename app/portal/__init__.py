"""The customer's pages: server-rendered, without scripts, in the customer's language; they call the core's commands."""
