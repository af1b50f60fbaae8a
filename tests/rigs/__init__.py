"""What tests share: scripted ports, virtual modems under a clock turned by hand, real servers, programs of others."""
