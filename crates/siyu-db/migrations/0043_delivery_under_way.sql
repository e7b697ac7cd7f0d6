-- Finds intents without a result without reading all sends.
CREATE INDEX delivery_sends_under_way ON delivery_sends (lease_until) WHERE state = 'attempting';
