"""Publications that several measures stem from."""

FAIRNESS = "Locatello et al. 2019, arXiv 1905.13662, section 3 (total variation)"
RIDGEWAY = "Ridgeway & Mozer 2018, arXiv 1802.05312, section 3"
