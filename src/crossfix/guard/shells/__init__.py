"""Other ways to ask the same guard than the gateway: HTTP, Envoy, LiteLLM, ASGI, Python."""
